// crypto-js, elliptic, bn.js and node-forge: ciphers, curves, certificates.
const CryptoJS = require("crypto-js");
const BN = require("bn.js");
const { ec: EC, eddsa: EdDSA } = require("elliptic");
const forge = require("node-forge");

const key = CryptoJS.enc.Hex.parse("000102030405060708090a0b0c0d0e0f"), iv = CryptoJS.enc.Hex.parse("101112131415161718191a1b1c1d1e1f");
for (const cipher of ["AES", "RC4"]) {
  const encrypted = CryptoJS[cipher].encrypt("attack at dawn ü", key, { iv });
  console.log(cipher, encrypted.ciphertext.toString(), CryptoJS[cipher].decrypt(encrypted, key, { iv }).toString(CryptoJS.enc.Utf8));
}
for (const hash of ["MD5", "SHA256", "SHA3", "RIPEMD160"]) console.log(hash, CryptoJS[hash]("x".repeat(5000)).toString());
console.log(CryptoJS.PBKDF2("p", "s", { keySize: 8, iterations: 100 }).toString());
const p = new BN(2).pow(new BN(521)).subn(1);
console.log(p.toString(10), new BN("123456789abcdef", 16).pow(new BN(20)).mod(p).toString(36), new BN(3).toRed(BN.red("k256")).redPow(new BN("ffffffffffff", 16)).fromRed().toString());
const ec = new EC("secp256k1"), pair = ec.keyFromPrivate("1e99423a4ed27608a15a2616a2b0e9e52ced330ac530edcc32c8ffc6a526aedd");
const signature = pair.sign(CryptoJS.SHA256("m").toString(), { canonical: true });
console.log(pair.getPublic(true, "hex"), signature.toDER("hex"), pair.verify(CryptoJS.SHA256("m").toString(), signature));
console.log(new EdDSA("ed25519").keyFromSecret("aa".repeat(32)).sign("68656c6c6f").toHex());
const md = forge.md.sha512.create().update("text", "utf8");
console.log(md.digest().toHex(), forge.util.encode64(forge.pkcs5.pbkdf2("pw", "salt", 50, 16)), forge.pki.publicKeyToPem(forge.pki.rsa.setPublicKey(new forge.jsbn.BigInteger("c5062b58d8539c765e1e5dbaf14cf75dd56c2e13105fecfd1a930bbb5948ff328f126abe779359ca59bca752c308d281573bc6178b6c0fef7dc445e4f826430437b9f9d790581de5749c2cb9cb26d42b2fee15b6b26f09c99670336423b86bc5bec71113157be2d944d7ff3eebffb28413143ea36755db0ae62ff5b724eecb3d316b6bac67e89cacd8171937e2ab19bd353a89acea8c36f81c89a620d5fd2effea896601c7f9daca7f033f635a3a943331d1b1b4f5288790b53af352f1121ca1bef205f40dc012c412b40bdd27585b946466d75f7ee0a7f9d549b4bece6f43ac3ee65fe7fd37123359d9f1a850ad450aaf5c94eb11dea3fc0fc6e9856b1805ef", 16), new forge.jsbn.BigInteger("65537"))).length);
