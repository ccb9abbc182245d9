// exit: 1
// stderr: enum.ts:5:3
// stderr: SyntaxError: TypeScript enum is not supported, because it makes code: write an object and `as const`, or compile the file
function f(): void {
  enum Color { Red }
}
