import { element } from "./element.js";

/** The notice below the messages: the connection comes back, or it has ended. */
export class Notice {
  #comeback = document.querySelector("#comeback");
  #comebackSummary = this.#comeback.querySelector(".summary");
  #countdown = this.#comeback.querySelector(".countdown");
  #tryNow = document.querySelector("#try-now");
  #ending = document.querySelector("#ending");
  #again = document.querySelector("#again");
  #joinAgain = document.querySelector("#join-again");
  #endingText = "";

  constructor({ onAgain, onElsewhere, onTry }) {
    this.#joinAgain.addEventListener("click", onAgain);
    document.querySelector("#join-elsewhere").addEventListener("click", onElsewhere);
    this.#tryNow.addEventListener("click", onTry);
  }

  show({ comeback, ending }) {
    this.#showComeback(comeback);
    this.#showEnding(ending);
  }

  #showComeback(comeback) {
    this.#comeback.hidden = !comeback;
    const summary = comeback?.summary ?? "";
    if (this.#comebackSummary.textContent !== summary) this.#comebackSummary.textContent = summary;
    this.#countdown.textContent = comeback?.countdown ?? "";
    this.#tryNow.disabled = !comeback?.canTry;
  }

  #showEnding(ending) {
    const text = ending ? JSON.stringify(ending) : "";
    if (text === this.#endingText) return;
    this.#endingText = text;
    this.#again.hidden = !ending;
    this.#ending.replaceChildren();
    if (!ending) return;
    this.#ending.append(element("p", { className: "summary" }, ending.summary));
    if (ending.detail) this.#ending.append(element("p", { className: "detail", dir: "auto" }, ending.detail));
    // The focus stays in the message field while the user is writing there.
    if (!document.activeElement.matches("#message")) this.#joinAgain.focus();
  }
}
