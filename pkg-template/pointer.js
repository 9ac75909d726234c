// Where an object's place in the module's memory is kept: nobody sees, sets or fakes it, and no console shows it.

const pointers = new WeakMap();

export function pointer(object) {
  const pointer = pointers.get(object);
  if (!pointer) throw new TypeError("this is not a WebSocket of fourd-websocket");
  return pointer;
}

export function setPointer(object, pointer) {
  pointers.set(object, pointer);
}
