import { fieldError } from "./field-error.js";

/** The form that asks for a name and a room. The room may be in the page's URL. */
export class JoinForm {
  #form = document.querySelector("#joining");
  #room = document.querySelector("#room");
  #fields = this.#form.elements;
  #button = this.#form.querySelector("button");
  #problem = document.querySelector("#joining-error");
  #show = { name: fieldError(this.#fields.name), room: fieldError(this.#fields.room) };
  #errors = {};
  #isShown = null;

  /** `onJoin` receives the name and the room, `onError` what is wrong with a field. */
  constructor({ onJoin, onError, onInput }) {
    const { name, room } = this.#fields;
    name.value = sessionStorage.getItem("name") ?? "";
    room.value =
      new URLSearchParams(location.search).get("room") ?? sessionStorage.getItem("room") ?? this.#fields.room.value;
    this.#form.addEventListener("input", ({ target }) => onInput(target.name));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const values = { name: name.value.trim(), room: room.value.trim() };
      onInput("name");
      onInput("room");
      if (!values.name) return onError("name", "Your name, please.");
      if (!values.room) return onError("room", "The room's name, please.");
      sessionStorage.setItem("name", values.name);
      sessionStorage.setItem("room", values.room);
      onJoin(values.name, values.room);
    });
  }

  show({ form: { isShown, isBusy, problem }, errors }) {
    this.#button.disabled = isBusy;
    if (this.#problem.textContent !== problem) this.#problem.textContent = problem;
    const isNew = isShown && isShown !== this.#isShown;
    if (isShown !== this.#isShown) {
      this.#isShown = isShown;
      this.#form.hidden = !isShown;
      this.#room.hidden = isShown;
    }
    const wrong = ["name", "room"].find((field) => errors[field] && errors[field] !== this.#errors[field]);
    for (const field of ["name", "room"]) this.#show[field](errors[field] ?? "");
    this.#errors = errors;
    if (wrong) this.#fields[wrong].focus();
    else if (isNew) (this.#fields.name.value ? this.#button : this.#fields.name).focus();
  }
}
