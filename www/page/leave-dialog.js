import { fieldError } from "./field-error.js";

/** The class's error number for an invalid close code. */
const CLOSE_CODE = 5019;

/** The dialog that asks for the close code and the reason. */
export class LeaveDialog {
  #dialog = document.querySelector("#leaving");
  #form = this.#dialog.querySelector("form");
  #codeError = fieldError(this.#form.elements.code);
  #reasonError = fieldError(this.#form.elements.reason);

  /** `onLeave` receives the close code and the reason, and may throw. */
  constructor(onLeave) {
    this.#dialog.querySelector("#stay").addEventListener("click", () => this.close());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const { code, reason } = this.#form.elements;
      this.#clearErrors();
      try {
        onLeave(Number(code.value), reason.value);
        this.close();
      } catch (error) {
        const isCode = error.errCode === CLOSE_CODE;
        (isCode ? this.#codeError : this.#reasonError)(error.message);
        (isCode ? code : reason).focus();
      }
    });
  }

  open() {
    this.#clearErrors();
    this.#dialog.showModal();
  }

  close() {
    this.#dialog.close();
  }

  #clearErrors() {
    this.#codeError("");
    this.#reasonError("");
  }
}
