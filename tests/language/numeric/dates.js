// Dates that do not depend on the zone.
const d = new Date(Date.UTC(2011, 9, 5, 14, 48, 0, 7));
console.log(d.toISOString(), d.getTime(), JSON.stringify({d}));
console.log(d.toUTCString());
console.log(d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate(), d.getUTCDay(),
            d.getUTCHours(), d.getUTCMinutes(), d.getUTCMilliseconds());
console.log(Date.parse("2011-10-05"), Date.parse("2011-10-05T14:48:00.007Z"),
            Date.parse("Wed, 05 Oct 2011 14:48:00 GMT"),
            Date.parse("2011-10-05T16:48:00+02:00"), Date.parse("nonsense"));
console.log(new Date(NaN).getTime(), String(new Date(NaN)));
console.log(new Date(8.64e15).toISOString(), new Date(8.64e15 + 1).getTime());
console.log(new Date(-62198755200000).toISOString());
const local = new Date(2020, 1, 29, 12, 30);
console.log(local.getFullYear(), local.getMonth(), local.getDate(),
            local.getHours(), local.getMinutes());
console.log(Date.parse(local.toString()) === local.getTime());
local.setMonth(11, 31);
console.log(local.getMonth(), local.getDate());
local.setFullYear(2021, 1, 29);
console.log(local.getMonth(), local.getDate());
local.setHours(25);
console.log(local.getDate(), local.getHours());
console.log(d.setUTCDate(0), d.toISOString());
console.log(new Date(2019, 12) - new Date(2020, 0), new Date(99, 0).getFullYear());
try {
  new Date(NaN).toISOString();
} catch (e) {
  console.log(e.name, e.message);
}
console.log(typeof Date(), typeof (d + 1), d - 0 === +d);
console.log(d[Symbol.toPrimitive]("number") === +d);
