// What is left of a TypeScript program runs as if its types had not been there.
interface Shape { readonly kind: string; area(): number }
type Named<T extends object = {}> = T & { name?: string };
declare const NEVER_DEFINED: unique symbol;
declare global { interface Array<T> { never?: T } }
namespace Only { export type Types = 1 }

abstract class Base<T = unknown> implements Shape {
  static #count: number = 0;
  protected readonly items: T[] = [];
  public name!: string;
  declare virtual: string;
  optional?: number;
  [key: string]: any;
  abstract readonly kind: string;
  constructor(...items: T[]);
  constructor() { this.items.push(...arguments); Base.#count++; }
  abstract area(): number;
  get size(): number { return this.items.length }
  static get count(): number { return this.#count }
  private hidden?(): void;
}
class Square extends Base<number> {
  override kind = "square" as const;
  override area(): number;
  override area(this: Square): number { return this.items[0]! ** 2 }
}
const square = new Square(3);
console.log(square.area(), square.size, Base.count, square.kind);
console.log(Object.keys(square).join());
console.log("virtual" in square, "optional" in square, "hidden" in square);

function pick(a: string): string;
function pick(a: number): number;
function pick(a: any): any { return typeof a === "string" ? a.toUpperCase() : a + 1 }
console.log(pick("a"), pick(1));
console.log(pick.length, (function (this: Date, a?: number, b: string = "") {}).length);

// Arrow functions among conditions.
const yes = true, no = false;
const b = 7, x = (v: number): number => v * 2;
const c1 = no ? (b) : (d: number) => d + 1;
const c2 = yes ? (d): number => d + 2 : null;
const c3 = no ? (b) : d => d + 3;
const c4 = yes ? async <T>(d: T): Promise<T> => d : null;
const c5 = yes ? (b) : no ? (x) : null;
console.log((c1 as any)(1), c2!(1), (c3 as Function)(1), await c4!(5), c5);
// A closure of each reading sees its own scope.
const makers = [0, 1].map((i: number) => no ? (i) : (j?: number): string => `${i}${j}`);
console.log(makers.map((m: any) => m(9)).join());

// Comparisons stay what they are.
const lt = 1, gt = 3;
console.log(lt < b, gt > b, [lt < b, b > gt], lt < b === b > gt);
console.log(((v: number) => v as number < 5 ? "less" : "more")(4));
console.log(new Map<string, Array<Set<number>>>([["a", []]]).size, Array<number>(3).length);
const id = <T,>(v: T): T => v;
const ids = id<string>, tag = (s: TemplateStringsArray, ...v: any[]): string => s.raw.join("|") + v.length;
console.log(ids("i"), tag<number>`a${1}b`, (id satisfies Function)<number>(2));

// The words are names, too.
var type = 1, as = 2, satisfies = 3, declare = 4, namespace = 5, is = 6;
type
= as as number;
console.log(type, as, satisfies, declare, namespace, is);
label: for (const of of [1, 2] as const) { if (of === 1) continue label; console.log(of) }

// A function shows itself without its types.
console.log(String(function typed<T>(this: any, a: T, b?: string): asserts a is T { return b! }));
console.log(String((a: number,
  b: string):
  void => {}));
console.log(String(class { private a?: number = 1; declare b: 2; static async m<T>(): Promise<T> { return null! } }));

// Errors name the columns of the file.
function fail(a: { b?: { c: number } }): number { return a.b!.c }
try { fail({}) } catch (e: any) {
  console.log(e.message, /erasure\.ts:(\d+:\d+)/.exec(e.stack)?.[1]);
}
try { (undefined as any as { f(): void }).f() } catch (e) { console.log((e as Error).message) }
