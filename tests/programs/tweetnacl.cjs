// tweetnacl: boxes, signatures and hashes from fixed keys.
const nacl = require("tweetnacl");

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const seed = Uint8Array.from({ length: 32 }, (_, i) => i * 7);
const message = new TextEncoder().encode("attack at dawn");
const signer = nacl.sign.keyPair.fromSeed(seed);
const signature = nacl.sign.detached(message, signer.secretKey);
console.log(hex(signer.publicKey), hex(signature), nacl.sign.detached.verify(message, signature, signer.publicKey));
signature[5] ^= 1;
console.log(nacl.sign.detached.verify(message, signature, signer.publicKey));
const alice = nacl.box.keyPair.fromSecretKey(seed);
const bob = nacl.box.keyPair.fromSecretKey(seed.map((b) => b ^ 255));
const nonce = seed.subarray(0, 24);
const box = nacl.box(message, nonce, bob.publicKey, alice.secretKey);
console.log(hex(box), hex(nacl.box.open(box, nonce, alice.publicKey, bob.secretKey)));
console.log(hex(nacl.secretbox(message, nonce, seed)), hex(nacl.hash(message)));
console.log(hex(nacl.scalarMult.base(seed)), nacl.randomBytes(16).length);
