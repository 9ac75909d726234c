import { fieldError } from "./field-error.js";

/** The class's error number for an invalid close code. */
const CLOSE_CODE = 5019;

/** The dialog that asks for the reason, and optionally for the close code. */
export class LeaveDialog {
  #dialog = document.querySelector("#leaving");
  #form = this.#dialog.querySelector("form");
  #advanced = this.#form.querySelector("details");
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
        if (error.errCode === CLOSE_CODE) {
          this.#advanced.open = true;
          this.#codeError("This code cannot be used. Take 1000, or a number from 3000 to 4999.");
          code.focus();
        } else {
          this.#reasonError("The reason is too long. Shorten it, please.");
          reason.focus();
        }
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
