// dayjs with its plugins and locales.
const dayjs = require("dayjs");
for (const name of ["utc", "customParseFormat", "relativeTime", "duration",
                    "advancedFormat", "weekOfYear", "isoWeek", "isBetween",
                    "quarterOfYear", "localizedFormat", "minMax", "dayOfYear"]) {
  dayjs.extend(require(`dayjs/plugin/${name}`));
}
require("dayjs/locale/de");

const start = dayjs.utc("2024-02-28T22:15:30.123Z");
for (const [n, unit] of [[1, "day"], [2, "day"], [1, "month"], [-1, "year"],
                         [36, "hour"], [3, "week"], [1, "quarter"]]) {
  console.log(n, unit, start.add(n, unit).format("dddd, MMMM D, YYYY h:mm:ss.SSS A Z [Q]Q wo Do"));
}
console.log(start.startOf("week").toISOString(), start.endOf("isoWeek").toISOString());
console.log(start.locale("de").format("LLLL"), start.locale("de").from(start.add(3, "day")));
console.log(dayjs.utc("31.12.1999 23:59", "DD.MM.YYYY HH:mm", true).toISOString(),
            dayjs.utc("31.02.1999", "DD.MM.YYYY", true).isValid());
console.log(start.diff("2020-01-01", "month", true), start.isBetween("2024-01-01", "2025-01-01"));
console.log(dayjs.duration({ hours: 50, minutes: 3 }).humanize(),
            dayjs.duration("P1Y2M3DT4H5M6S").toISOString());
console.log(dayjs.max(start, start.add(1, "day")).unix(), start.dayOfYear(), start.toArray?.());
let days = 0;
for (let d = dayjs.utc("1970-01-01"); d.isBefore("2000-01-01"); d = d.add(1, "day")) {
  if (d.day() === 5 && d.date() === 13) days++;
}
console.log(days);
