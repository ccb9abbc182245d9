// Runs a target over mutations of a corpus, for a bounded time and from a fixed
// seed, so that a failure can be repeated:
//     rill run TARGET.mjs [SECONDS [SEED]]
// A target is given bytes and a random number generator; what it does not expect
// it throws. The input that failed is printed; a crash or a hang of the program is
// the test's to see.
const [seconds = 2, seed = 1] = process.argv.slice(2).map(Number);

// xorshift64*, of which the upper half is used.
export class Random {
  #state;
  constructor(state) {
    this.#state = BigInt.asUintN(64, BigInt(state) * 0x9e3779b97f4a7c15n) | 1n;
    for (let i = 0; i < 4; i++) this.below(2);
  }
  below(bound) {
    let s = this.#state;
    s ^= s >> 12n;
    s = BigInt.asUintN(64, s ^ (s << 25n));
    s ^= s >> 27n;
    this.#state = s;
    return Number(BigInt.asUintN(64, s * 0x2545f4914f6cdd1dn) >> 33n) % bound;
  }
  pick(list) {
    return list[this.below(list.length)];
  }
}

const encoder = new TextEncoder();
export const bytesOf = (data) =>
  typeof data === "string" ? encoder.encode(data) : new Uint8Array(data);
const odd = bytesOf("(){}[];,.=>`'\"/*\\#?:&|!~+-%<^$ \r\n\t0129axe\xff\x00-");

// Some changes: bytes put in, taken out, flipped, repeated, or from elsewhere.
export function mutate(bytes, corpus, random) {
  const list = [...bytes];
  for (let left = random.below(8); left > 0; left--) {
    const at = random.below(list.length + 1);
    switch (random.below(7)) {
    case 0:
      list.splice(at, random.below(2), random.pick(odd));
      break;
    case 1:
      list.splice(at, 1 + random.below(12));
      break;
    case 2:
      list.splice(at, 0, ...list.slice(at, at + 1 + random.below(64)));
      break;
    case 3:
      list.splice(at, 1, random.below(256));
      break;
    case 4:
      if (at < list.length) list[at] ^= 1 << random.below(8);
      break;
    default: {
      const other = random.pick(corpus);
      const from = random.below(other.length + 1);
      const count = random.below(24);
      list.splice(at, random.below(2) * count, ...other.slice(from, from + count));
    }
    }
  }
  return new Uint8Array(list.slice(0, 65536));
}

// Cuts the bytes into a few pieces.
export function pieces(bytes, random) {
  const list = [];
  for (let at = 0; at < bytes.length;) {
    const size = random.below(3) === 0 ? 1 : 1 + random.below(bytes.length);
    list.push(bytes.slice(at, at + size));
    at += size;
  }
  return list;
}

export function check(condition, what) {
  if (!condition) throw new Error(`fuzz: ${what}`);
}

// No single input may take long.
const LONGEST = 5000;

export async function fuzz(texts, target) {
  const corpus = texts.map(bytesOf);
  const end = performance.now() + seconds * 1000;
  let runs = 0;
  for (; performance.now() < end; runs++) {
    const random = new Random(seed * 1000003 + runs);
    const input = mutate(random.pick(corpus), corpus, random);
    const begun = performance.now();
    try {
      await target(input, random);
      check(performance.now() - begun < LONGEST, "took too long");
    } catch (error) {
      console.log(`input ${runs} of seed ${seed}: ${JSON.stringify(
        String.fromCharCode(...input))}`);
      throw error;
    }
  }
  check(runs > 0, "nothing was run");
  console.log(`${runs} inputs`);
}
