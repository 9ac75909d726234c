/** Keeps a box scrolled to its end while its content grows, unless the reader has scrolled away. */
export class Tail {
  #box;
  #top = 0;
  #onMove;
  /** `true` if the reader is at the end. */
  isFollowed = true;

  /** `onMove` is called when the reader leaves the end or returns to it. */
  constructor(box, onMove = () => {}) {
    this.#box = box;
    this.#onMove = onMove;
    box.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    const observer = new ResizeObserver(() => this.keep());
    observer.observe(box);
    observer.observe(box.firstElementChild);
  }

  follow() {
    this.#set(true);
    this.keep();
  }

  /** Scrolls to the end if the reader is there. Needed after a change that keeps the height. */
  keep() {
    if (!this.isFollowed) return;
    this.#box.scrollTop = this.#box.scrollHeight;
    // The `scroll` event is dispatched later, perhaps after the reader has scrolled away.
    this.#top = this.#box.scrollTop;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < 40;
    // New content moves the end, not the reader.
    if (isAtEnd || scrollTop < this.#top) this.#set(isAtEnd);
    this.#top = scrollTop;
  }

  #set(isFollowed) {
    if (this.isFollowed === isFollowed) return;
    this.isFollowed = isFollowed;
    this.#onMove();
  }
}
