// SPDX-License-Identifier: MIT
// A Worker of the soak: builds something, adds it up twice, answers, closes.
onmessage = ({ data }) => {
  if (data === "close") {
    close();
    return;
  }
  const { seed, rounds } = data;
  const lists = [];
  let sum = 0;
  for (let i = 0; i < rounds; i++) {
    const list = Array.from({ length: 20 }, (_, k) => ({ v: (seed + i * k) % 97 }));
    lists[i % 500] = list;
  }
  const add = () => lists.flat().reduce((total, { v }) => total + v, 0);
  sum = add();
  for (let i = 0; i < 20000; i++) new Map([[i, { i }]]);
  postMessage({ seed, sum, again: add() });
};
