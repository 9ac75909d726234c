import { fieldError } from "./field-error.js";

const MAX_CHARACTERS = 2000;
/** Matches a visible character. The server knows a few more blank ones. */
const SEEN = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}]/u;
const KEY = "draft";

/** The field for a message. A text that was not sent, or not answered by the server, stays in the draft. */
export class Composer {
  #form = document.querySelector("#composer");
  #field = document.querySelector("#message");
  #error = fieldError(this.#field);
  #unanswered = [];

  /** `onText` sends a text, and may throw. */
  constructor(onText) {
    this.#setDraft(sessionStorage.getItem(KEY) ?? "");
    this.#field.addEventListener("input", () => {
      this.#error("");
      this.#keep();
    });
    this.#field.addEventListener("keydown", (event) => {
      // Safari reports the Enter that ends a composition with the key code 229.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(onText);
    });
  }

  focus() {
    this.#field.focus();
  }

  setRoom(room) {
    this.#field.placeholder = `Message ${room}`;
  }

  showError(words) {
    this.#error(words);
  }

  /** Called when the server has answered the oldest text. */
  answered() {
    this.#unanswered.shift();
  }

  /** Moves the texts that the server has not answered back into the draft. */
  restore() {
    const texts = [...this.#unanswered, this.#field.value].filter((text) => text !== "");
    this.#unanswered = [];
    this.#setDraft(texts.join("\n"));
  }

  #submit(onText) {
    const text = this.#field.value;
    if (!SEEN.test(text)) return;
    const { length } = [...text];
    if (length > MAX_CHARACTERS) {
      const [has, most] = [length.toLocaleString(), MAX_CHARACTERS.toLocaleString()];
      this.#error(`The message has ${has} characters; ${most} can be sent.`);
      return;
    }
    try {
      onText(text);
    } catch (error) {
      this.#error(error.message);
      return;
    }
    this.#unanswered.push(text);
    this.#error("");
    this.#setDraft("");
  }

  #setDraft(text) {
    this.#field.value = text;
    this.#keep();
  }

  #keep() {
    sessionStorage.setItem(KEY, this.#field.value);
  }
}
