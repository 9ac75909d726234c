const TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const MAX_BYTES = 2 * 1024 * 1024;
const MAX_SIDE = 4096;

/** Takes pictures from the button, the clipboard and a drop, and passes on each one that the chat accepts. */
export class PictureInput {
  #room = document.querySelector("#room");
  #onChoice;
  #onPicture;
  #onRefusal;

  /** `onChoice` is called when the user is about to choose a picture, and for each chosen one. `onPicture` receives the
      picture (a `File`), its URL in this page, and its size in bytes and pixels. `onRefusal` receives the error message
      for one that cannot be sent. */
  constructor({ onChoice, onPicture, onRefusal }) {
    this.#onChoice = onChoice;
    this.#onPicture = onPicture;
    this.#onRefusal = onRefusal;

    const input = document.querySelector("#picture");
    document.querySelector("#choose-picture").addEventListener("click", () => {
      this.#onChoice();
      input.click();
    });
    input.addEventListener("change", () => {
      this.#take(input.files);
      input.value = "";
    });

    document.addEventListener("paste", (event) => {
      // Some programs copy a table or a text together with a picture of it.
      if (!event.clipboardData.types.includes("text/plain")) this.#takeFrom(event, event.clipboardData);
    });
    document.addEventListener("drop", (event) => {
      this.#showDrop(false);
      this.#takeFrom(event, event.dataTransfer);
    });
    // Without this the browser would open the picture in place of the page.
    document.addEventListener("dragover", (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      this.#showDrop(true);
    });
    document.addEventListener("dragleave", ({ relatedTarget }) => {
      if (!relatedTarget) this.#showDrop(false);
    });
  }

  #showDrop(isShown) {
    this.#room.classList.toggle("dropping", isShown);
  }

  /** Takes the files of an event. The browser handles an event without files. */
  #takeFrom(event, { files }) {
    if (files.length === 0) return;
    event.preventDefault();
    if (!this.#room.hidden) this.#take(files);
  }

  #take([file, ...more]) {
    if (!file) return;
    this.#onChoice();
    if (more.length > 0) this.#onRefusal("One picture at a time, please.");
    else if (!TYPES.includes(file.type)) this.#onRefusal("A picture has to be a PNG, JPEG, GIF or WebP file.");
    else if (file.size > MAX_BYTES) this.#onRefusal(`The picture has ${mib(file.size)} MiB; 2 MiB can be sent.`);
    else this.#takeSize(file);
  }

  async #takeSize(picture) {
    const url = URL.createObjectURL(picture);
    const { width, height } = await extent(url);
    if (Math.max(width, height) <= MAX_SIDE) {
      this.#onPicture({ picture, url, width, height, size: picture.size });
      return;
    }
    URL.revokeObjectURL(url);
    const [has, most] = [`${width.toLocaleString()} × ${height.toLocaleString()}`, MAX_SIDE.toLocaleString()];
    this.#onRefusal(`The picture has ${has} pixels; ${most} on each side can be sent.`);
  }
}

/**
 * Returns the size of a picture in pixels, without drawing it. The size is 0 if the browser cannot read the picture.
 * The server decides then.
 */
async function extent(url) {
  const image = new Image();
  image.src = url;
  await new Promise((resolve) => (image.onload = image.onerror = resolve));
  return { width: image.naturalWidth, height: image.naturalHeight };
}

function mib(bytes) {
  return (Math.ceil((bytes / 1024 / 1024) * 10) / 10).toLocaleString();
}
