/** Shows a picture as large as the page, until a click or Escape. */
export class PictureViewer {
  #dialog = document.querySelector("#viewer");
  #image = this.#dialog.querySelector("img");

  constructor() {
    this.#dialog.addEventListener("click", () => this.#dialog.close());
  }

  open(source, description) {
    this.#image.src = source;
    this.#image.alt = description;
    this.#dialog.showModal();
  }
}
