// Whatever becomes of a pipe through a transform, both its ends hear of it:
// tests/faults/test_allocations.py lets each allocation fail.
const source = new ReadableStream({
  start(controller) {
    controller.enqueue(new Uint8Array([104, 195]));
    setTimeout(() => {
      controller.enqueue(new Uint8Array([164]));
      controller.close();
    });
  },
});
let text = "";
for await (const piece of source.pipeThrough(new TextDecoderStream())) text += piece;
console.log(text);
