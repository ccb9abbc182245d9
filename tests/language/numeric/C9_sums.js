// Sums that a tool-calling program was tested with.
let even = 0;
for (let i = 1; i <= 10; i++) if (i % 2 === 0) even += i;
console.log(even);

const divisible = (n) => [3, 5, 9].some((d) => n % d === 0);
console.log(
  Array.from({ length: 1078 - 14 + 1 }, (_, i) => i + 14)
    .filter(divisible)
    .reduce((a, b) => a + b, 0),
);
