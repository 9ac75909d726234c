// Records the listeners of the page, before the package is loaded. A listener for `unload` would keep a page out of the
// back/forward cache.

globalThis.listened = [];
{
  const { addEventListener } = EventTarget.prototype;
  const Host = WebSocket;
  EventTarget.prototype.addEventListener = function (kind, ...args) {
    if (!(this instanceof Host)) listened.push(`${Object.prototype.toString.call(this ?? globalThis)} ${kind}`);
    return addEventListener.call(this, kind, ...args);
  };
}
