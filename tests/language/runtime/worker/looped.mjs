// Classes that a module makes in a loop: several of one text.
export const all = [];
for (let i = 0; i < 2; i++) {
  all.push(class Looped {
    #x;
    constructor(x) {
      this.#x = x;
    }
    who() {
      return `${i}:${this.#x}`;
    }
    static is(o) {
      return #x in o;
    }
  });
}
export const make = (i, x) => new all[i](x);
