// node:crypto: digests, HMAC, derived keys; random values' shape.
import crypto, { createHash, createHmac } from "node:crypto";
const text = "the quick brown fox ".repeat(50);
for (const name of ["md5", "sha1", "sha224", "sha256", "sha384", "SHA-512"]) {
  console.log(name, createHash(name).update("").digest("hex"));
  for (const length of [1, 55, 56, 63, 64, 111, 112, 127, 128, 1000]) {
    const hash = createHash(name).update(text.slice(0, 7));
    const copy = hash.copy();
    console.log(length, hash.update(text.slice(7, length), "latin1").digest("base64"),
                copy.digest("base64url").length);
  }
  console.log(createHmac(name, "key").update(text).digest("hex"),
              createHmac(name, Buffer.alloc(200, 1)).update("x").digest("hex"));
}
console.log(crypto.pbkdf2Sync("password", "salt", 20, 70, "sha256").toString("hex"));
console.log(Buffer.from(crypto.hkdfSync("sha512", "key", "salt", "info", 100)).toString("hex"));
for (const work of [() => createHash("nope"), () => createHash("md5").update(5), () => {
  const hash = createHash("md5");
  hash.digest();
  hash.update("x");
}]) {
  try {
    work();
  } catch (error) {
    console.log(error.name, error.message);
  }
}
console.log(crypto.randomBytes(5).length, crypto.randomUUID().length,
            crypto.randomInt(3, 4), crypto.timingSafeEqual(Buffer.from("a"), Buffer.from("a")));
crypto.randomBytes(3, (error, bytes) => console.log(error, bytes.length));
const hash = createHash("sha1");
hash.on("data", (digest) => console.log("streamed", digest.toString("hex")));
hash.end("text");
