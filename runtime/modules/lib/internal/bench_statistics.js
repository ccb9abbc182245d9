// SPDX-License-Identifier: MIT
// Medians and bootstrap confidence intervals of rill bench --compare.

export function median(values) {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]
    : (sorted[middle - 1] + sorted[middle]) / 2;
}

const RESAMPLES = 1000;

// The same figures give the same intervals: mulberry32 from a fixed seed.
function randomFrom(seed) {
  return (limit) => {
    seed = seed + 0x6d2b79f5 | 0;
    let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return Math.floor(((t ^ t >>> 14) >>> 0) / 2 ** 32 * limit);
  };
}

const geometricMean = (values) =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) /
           values.length);

// pairs: for each subject its rounds, [of the one engine, of the other]. The
// geometric mean over the subjects of median(first) / median(second), and the
// 95 % interval of it when rounds are drawn again, in pairs as they were run.
export function ratioOf(pairs) {
  const ratio = (rounds) => median(rounds.map(([first]) => first)) /
                            median(rounds.map(([, second]) => second));
  const random = randomFrom(1);
  const draws = [];
  for (let i = 0; i < RESAMPLES; i++) {
    draws.push(geometricMean(pairs.map((rounds) =>
      ratio(rounds.map(() => rounds[random(rounds.length)])))));
  }
  draws.sort((a, b) => a - b);
  const at = (share) => draws[Math.round(share * (RESAMPLES - 1))];
  return { ratio: geometricMean(pairs.map(ratio)),
           low: at(0.025), high: at(0.975) };
}
