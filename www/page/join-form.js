import { fieldError } from "./field-error.js";

/** The form that asks for a name and a room. */
export class JoinForm {
  #form = document.querySelector("#joining");
  #name = this.#form.elements.name;
  #room = this.#form.elements.room;
  #button = this.#form.querySelector("button");
  #general = document.querySelector("#joining-error");
  #nameError = fieldError(this.#name);
  #roomError = fieldError(this.#room);

  /** `onJoin` receives the name and the room. */
  constructor(onJoin) {
    this.#name.value = sessionStorage.getItem("name") ?? "";
    this.#room.value = sessionStorage.getItem("room") ?? this.#room.value;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#clearErrors();
      const [name, room] = [this.#name.value.trim(), this.#room.value.trim()];
      if (!name) return this.#fail(this.#name, this.#nameError, "Your name, please.");
      if (!room) return this.#fail(this.#room, this.#roomError, "The room's name, please.");
      sessionStorage.setItem("name", name);
      sessionStorage.setItem("room", room);
      onJoin(name, room);
    });
  }

  show() {
    this.#form.hidden = false;
    (this.#name.value ? this.#button : this.#name).focus();
  }

  hide() {
    this.#form.hidden = true;
    this.#clearErrors();
  }

  setBusy(isBusy) {
    this.#button.disabled = isBusy;
  }

  /** Shows why a join failed, at the field that is the cause. */
  showError(words, code) {
    this.show();
    if (code === 4003) this.#fail(this.#name, this.#nameError, words);
    else if (code === 4004) this.#fail(this.#room, this.#roomError, words);
    else this.#general.textContent = words;
  }

  #fail(field, show, words) {
    show(words);
    field.focus();
  }

  #clearErrors() {
    this.#general.textContent = "";
    this.#nameError("");
    this.#roomError("");
  }
}
