// @noble/hashes: SHA-2, SHA-3, BLAKE, RIPEMD, HMAC, HKDF, scrypt, Argon2.
import { argon2id } from "@noble/hashes/argon2.js";
import { blake2b, blake2s } from "@noble/hashes/blake2.js";
import { blake3 } from "@noble/hashes/blake3.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { md5, ripemd160, sha1 } from "@noble/hashes/legacy.js";
import { pbkdf2 } from "@noble/hashes/pbkdf2.js";
import { scrypt } from "@noble/hashes/scrypt.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { keccak_256, sha3_512, shake256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

const text = utf8ToBytes("the quick brown fox ".repeat(2000));
for (const hash of [sha256, sha384, sha512, sha3_512, keccak_256, shake256, blake2b, blake2s, blake3, ripemd160, sha1, md5]) {
  console.log(hash.outputLen, bytesToHex(hash(text)), bytesToHex(hash(new Uint8Array())));
}
const key = utf8ToBytes("key");
console.log(bytesToHex(hmac(sha256, key, text)), bytesToHex(hkdf(sha512, key, text, key, 80)));
console.log(bytesToHex(pbkdf2(sha256, "password", "salt", { c: 500, dkLen: 32 })));
console.log(bytesToHex(scrypt("password", "salt", { N: 1024, r: 8, p: 1, dkLen: 32 })));
console.log(bytesToHex(argon2id("password", "saltsalt", { t: 1, m: 256, p: 1 })));
