// luxon: zones, ISO weeks, intervals, durations and parsing, over Intl.
import { DateTime, Duration, Interval, Settings } from "luxon";

Settings.defaultLocale = "en-US";
Settings.defaultZone = "utc";
const start = DateTime.fromISO("2024-03-09T23:30:00", { zone: "America/New_York" });
for (let hours = 0; hours < 6; hours++) {
  console.log(start.plus({ hours }).toISO(), start.plus({ hours }).offsetNameShort);
}
console.log(start.toFormat("EEEE, dd LLLL yyyy HH:mm:ss ZZ 'week' W o"));
console.log(start.toLocaleString(DateTime.DATETIME_FULL), start.toHTTP(), start.toSQL());
console.log(start.setZone("Asia/Tokyo").toISO(), start.toUTC().toISOWeekDate());
console.log(DateTime.fromFormat("May 25 1982 04 pm", "LLLL dd yyyy hh a").toISO());
console.log(DateTime.fromRFC2822("Tue, 01 Nov 2016 13:23:12 +0630").toISO());
console.log(DateTime.fromISO("2024-02-30").invalidExplanation);
console.log(start.diff(DateTime.fromISO("2020-02-29"), ["years", "months", "days", "hours"]).toObject());
console.log(Duration.fromISO("P3DT25H").normalize().toISO(), Duration.fromObject({ minutes: 90.5 }).shiftTo("hours", "seconds").toHuman());
const interval = Interval.fromDateTimes(start.startOf("month"), start.endOf("month"));
console.log(interval.splitBy({ weeks: 1 }).map(String), interval.count("days"));
console.log(start.setLocale("de").toLocaleString(DateTime.DATE_HUGE), start.setLocale("fr").toFormat("cccc d MMMM"));
let leaps = 0;
for (let d = DateTime.utc(1900, 2, 28); d.year < 2030; d = d.plus({ years: 1 })) {
  if (d.plus({ days: 1 }).month === 2) leaps++;
}
console.log(leaps);
