// big-integer, without the native BigInt that it would use: Fibonacci numbers,
// primes, modular arithmetic.
globalThis.BigInt = undefined;
const bigInt = require("big-integer");

console.log(typeof bigInt(1).value);
let [a, b] = [bigInt.zero, bigInt.one];
for (let i = 0; i < 5000; i++) [a, b] = [b, a.add(b)];
console.log(a.toString());
console.log(a.toString(16), a.divmod("123456789012345678901234567890").remainder.toString());
console.log(bigInt(7).modPow("123456789123456789", "987654321987654321").toString());
const mersenne = bigInt(2).pow(127).minus(1);
console.log(mersenne.toString(), mersenne.isPrime(), mersenne.plus(2).isProbablePrime(5));
console.log(bigInt.gcd("123456789012345678", "987654321098765432").toString(),
            bigInt("-12345").and(255).xor("0").shiftLeft(70).toString(),
            bigInt(3).modInv(11).toString(), bigInt("1e30").toJSNumber());
console.log(bigInt(2).pow(2000).times(bigInt(3).pow(1500)).square().toString().length);
