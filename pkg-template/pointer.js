// Where an object's place in the module's memory is kept: a private field put on the object that the generated class
// makes, which nobody sees, sets or fakes.

class Holder {
  constructor(object) {
    return object;
  }
}

class Pointer extends Holder {
  #pointer;

  constructor(object, pointer) {
    super(object);
    this.#pointer = pointer;
  }

  static of(object) {
    if (!(#pointer in Object(object))) throw new TypeError("this is not a WebSocket of fourd-websocket");
    return object.#pointer;
  }
}

export const pointer = Pointer.of;

export function setPointer(object, pointer) {
  new Pointer(object, pointer);
}
