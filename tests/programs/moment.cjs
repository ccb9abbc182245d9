// moment with time zones and locales.
const moment = require("moment-timezone");
require("moment/locale/fr");

moment.locale("en");
const start = moment.tz("2024-03-10T01:30:00", "America/New_York");
for (let i = 0; i < 4; i++) console.log(start.clone().add(i * 30, "minutes").format("YYYY-MM-DD HH:mm Z z"));
console.log(start.clone().tz("Asia/Kolkata").format("LLLL"), start.locale("fr").format("LLLL"), start.from(start.clone().add(3, "days")));
console.log(moment.utc("25 mai 1995", "D MMMM YYYY", "fr", true).toISOString(), moment.utc("2010-13-45").isValid(), moment.duration(123456789).locale("en").humanize(), moment.duration("P1Y2M3DT4H").toISOString());
console.log(moment.tz.names().length > 400, moment.utc([2024, 1, 29]).add(1, "year").format(), moment.utc(0).isoWeek(), moment.utc(1e12).calendar(moment.utc(1e12 + 86400000)));
let days = 0;
for (const d = moment.utc("1970-01-01"); d.year() < 1990; d.add(1, "day")) days += d.isoWeekday() === 5 && d.date() === 13;
console.log(days);
