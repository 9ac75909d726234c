/** The top of the page, and the title of its tab. */
export class Head {
  #title = document.querySelector("#title");
  #status = document.querySelector("#status");
  #showLeaving = document.querySelector("#show-leaving");

  constructor(onLeave) {
    this.#showLeaving.addEventListener("click", onLeave);
  }

  show({ title, documentTitle, status, canLeave }) {
    if (this.#title.textContent !== title) this.#title.textContent = title;
    if (document.title !== documentTitle) document.title = documentTitle;
    // A live region that is written again is announced again.
    if (this.#status.textContent !== status.label) this.#status.textContent = status.label;
    this.#status.dataset.tone = status.tone;
    this.#showLeaving.hidden = !canLeave;
  }
}
