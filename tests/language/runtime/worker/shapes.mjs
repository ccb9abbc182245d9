// A module whose class both sides of a spawn know.
export class Shape {
  #sides;
  static made = 0;
  constructor(sides) {
    this.#sides = sides;
    Shape.made++;
  }
  get sides() {
    return this.#sides;
  }
  #double() {
    Shape.made++;
    return new Shape(this.#sides * 2);
  }
  doubled() {
    return this.#double();
  }
  static is(o) {
    return #sides in o && #double in o;
  }
}
export const make = (sides) => new Shape(sides);
export const where = () => import.meta.url;
