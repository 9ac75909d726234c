import { fieldError } from "./field-error.js";

const MAX_CHARACTERS = 2000;
/** Matches a visible character. The server excludes a few more blank ones. */
const SEEN = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}]/u;
const DRAFT = "draft";
const OUTGOING = "outgoing";

/** The field for a message. A draft, and a text that the server has not confirmed, survive a reload. */
export class Composer {
  #form = document.querySelector("#composer");
  #field = document.querySelector("#message");
  #buttons = this.#form.querySelectorAll("button");
  #error = fieldError(this.#field);
  #onText;
  #onError;
  #outgoing = null;

  /** `onText` takes a text, and returns whether it is on its way. */
  constructor({ onText, onInput, onError }) {
    this.#onText = onText;
    this.#onError = onError;
    const kept = JSON.parse(sessionStorage.getItem(OUTGOING) ?? "[]");
    this.#setDraft([...kept, sessionStorage.getItem(DRAFT) ?? ""].filter(Boolean).join("\n"));
    this.#field.addEventListener("input", () => {
      sessionStorage.setItem(DRAFT, this.#field.value);
      this.#grow();
      onInput();
    });
    this.#field.addEventListener("keydown", (event) => {
      // Safari reports the Enter that ends a composition with the key code 229.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#submit();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  show({ composer: { canWrite, placeholder }, errors }) {
    this.#field.placeholder = placeholder;
    for (const button of this.#buttons) button.disabled = !canWrite;
    this.#error(errors.message ?? "");
  }

  focus() {
    this.#field.focus();
  }

  /** Keeps the texts that are not confirmed for a page that is loaded again. */
  keep(outgoing) {
    if (outgoing === this.#outgoing) return;
    this.#outgoing = outgoing;
    sessionStorage.setItem(OUTGOING, JSON.stringify(textsOf(outgoing)));
  }

  /** Moves texts that were not sent back into the draft. */
  restore(outgoing) {
    this.#setDraft([...textsOf(outgoing), this.#field.value].filter(Boolean).join("\n"));
  }

  #submit() {
    const text = this.#field.value;
    if (!SEEN.test(text)) return;
    const { length } = [...text];
    if (length > MAX_CHARACTERS) {
      const [has, most] = [length.toLocaleString(), MAX_CHARACTERS.toLocaleString()];
      this.#onError(`The message has ${has} characters; ${most} can be sent.`);
      return;
    }
    if (this.#onText(text)) this.#setDraft("");
  }

  #setDraft(text) {
    this.#field.value = text;
    sessionStorage.setItem(DRAFT, text);
    this.#grow();
  }

  /** Makes the field as high as its text, if the style sheet cannot. */
  #grow() {
    if (CSS.supports("field-sizing: content")) return;
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }
}

const textsOf = (outgoing) => outgoing.filter(({ kind }) => kind === "said").map(({ text }) => text);
