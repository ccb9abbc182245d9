// What a script can do to a Timeout.
{
  const log = [];
  const changed = setTimeout(() => log.push("not this"), 1);
  changed._onTimeout = () => log.push("changed");
  const extended = setTimeout(function () { log.push(this.extra); }, 1);
  extended.extra = "extended";
  const frozen = Object.freeze(setTimeout(() => log.push("frozen"), 1));
  const forged = setTimeout(() => log.push("forged"), 1);
  forged._handle = 12345;
  const heir = Object.create(setTimeout(() => log.push("heir"), 1));
  clearTimeout(heir); // is no Timeout
  const odd = setTimeout(() => log.push("odd"), 1);
  odd._idleTimeout = "much";
  odd.refresh();
  const again = new forged.constructor(() => log.push("again"), 1, undefined, null);
  clearTimeout(again);
  again._destroyed = false;
  again.refresh();
  const numbered = setTimeout(() => log.push("numbered"), 1);
  clearTimeout(+numbered);
  clearTimeout({ close() { log.push("not a Timeout"); } });
  clearTimeout(setTimeout((a) => log.push(a), 1, "argument").refresh().ref());
  setTimeout((...args) => log.push(args.join()), 1.5, 1, 2);
  setTimeout(() => log.push("text"), "2");
  setTimeout(() => {
    console.log(log.join());
    console.log(Object.keys(forged).join(), Reflect.ownKeys(numbered).length);
    console.log(frozen.hasRef(), setTimeout.length, setTimeout.name);
  }, 20);
}
