// semver compares, ranges, sorts and increments versions.
const semver = require("semver");

const versions = [];
for (let major = 0; major < 6; major++) {
  for (let minor = 0; minor < 6; minor++) {
    for (const tail of ["0", "1-alpha.1", "1-alpha.beta", "1-rc.10", "1", "2+build.5"]) versions.push(`${major}.${minor}.${tail}`);
  }
}
const ranges = ["^1.2.3", "~0.1", ">=1.0.0-rc.1 <2 || 3.x", "1.2 - 3.4.5", "*", "<0.1.1-beta", "=v2.3.1", "^0.0.1", "!bad", ">1 <1"];
for (const range of ranges) {
  console.log(range, semver.validRange(range), semver.maxSatisfying(versions, range), semver.minVersion.call(null, semver.validRange(range) ?? "*")?.version,
              versions.filter((v) => semver.satisfies(v, range, { includePrerelease: true })).length);
}
console.log(semver.rsort([...versions]).slice(0, 12), ["major", "preminor", "patch", "prerelease"].map((r) => semver.inc("1.2.3-a.4", r, "b")));
console.log(semver.coerce("v3.4 beta")?.version, semver.diff("1.2.3", "1.3.0-x"), semver.intersects("^1.2", "<1.2.5"), semver.subset("~1.2.3", "^1"), semver.clean(" =v1.2.3 "));
let count = 0;
for (const a of versions) for (const b of versions) count += semver.compareBuild(a, b);
console.log(count, semver.simplifyRange(versions, "1.2.0 || 1.2.1 || 1.2.2"));
