// bignumber.js: arithmetic in several bases, and amounts of money.
import BigNumber from "bignumber.js";

BigNumber.config({ DECIMAL_PLACES: 60, EXPONENTIAL_AT: 1e9 });
let product = new BigNumber(1);
for (let i = 1; i <= 300; i++) product = product.times(i);
console.log(product.toString());
console.log(product.toString(36), product.mod("1e40").toString(16));
console.log(new BigNumber(2).sqrt().toString(), new BigNumber(1).div(7).toString());
console.log(new BigNumber("zz.9", 36).toString(), new BigNumber("-101.101", 2).toString());
console.log(new BigNumber(3).pow(500, "1000000007").toString());
console.log(new BigNumber("1234567.891").toFormat(2), new BigNumber("0.1").plus("0.2").eq("0.3"));
let balance = new BigNumber(1000);
for (let month = 0; month < 360; month++) {
  balance = balance.times("1.0041666667").dp(20).minus("3.33");
}
console.log(balance.toFixed(20));
