// arguments: --stress-gc=40 --stop-the-world-gc
// Every 40th slow allocation collects: what the program still holds must survive.
class Node {
  #secret;
  constructor(left, right) {
    this.left = left;
    this.right = right;
    this.#secret = { depth: left === null ? 0 : left.depth() + 1 };
  }
  depth() {
    return this.#secret.depth;
  }
}

function tree(depth) {
  return depth === 0
    ? new Node(null, null)
    : new Node(tree(depth - 1), tree(depth - 1));
}

function count(node) {
  return node === null ? 0 : 1 + count(node.left) + count(node.right);
}

const kept = tree(9);
let garbage;
for (let i = 0; i < 20; i++) garbage = tree(6);
console.log(count(kept), kept.depth(), count(garbage));

const words = new Map();
for (let i = 0; i < 3000; i++) words.set('word' + i, { i, text: `<${i}>` });
let sum = 0;
for (const [word, { i, text }] of words) {
  if (word === 'word' + i && text === `<${i}>`) sum += i;
}
console.log(sum);

function* numbers() {
  for (let i = 0; i < 2000; i++) yield [i, String(i)];
}
async function main() {
  const lengths = [];
  for (const [i, text] of numbers()) {
    const value = await Promise.resolve({ i, text });
    lengths[value.i] = value.text.length;
  }
  console.log(lengths.reduce((a, b) => a + b));
}

const weak = new WeakMap([[kept, 'still here']]);
console.log(JSON.parse(JSON.stringify(words.get('word7'))), weak.get(kept));
console.log('a-b-c'.repeat(500).replace(/b/g, (x) => x + x).length);
main();
