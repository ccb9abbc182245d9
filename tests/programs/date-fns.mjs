// date-fns: formatting, parsing and arithmetic in UTC.
import * as f from "date-fns";
import { de, ja } from "date-fns/locale";

const date = new Date(2024, 1, 29, 13, 5, 9, 7);
for (const pattern of ["yyyy-MM-dd'T'HH:mm:ss.SSS", "EEEE, do MMMM y", "PPPPpppp", "R-'W'II-i", "QQQ D B h:mm a", "G yo wo"]) {
  console.log(f.format(date, pattern, { useAdditionalDayOfYearTokens: true }),
              "|", f.format(date, pattern, { locale: de, useAdditionalDayOfYearTokens: true }));
}
console.log(f.parse("29. Februar 2024", "d. MMMM yyyy", new Date(0), { locale: de }).getTime());
console.log(f.formatDistance(date, f.addDays(date, 45)), f.formatDistance(date, f.addHours(date, -3), { addSuffix: true, locale: ja }));
console.log(f.intervalToDuration({ start: date, end: new Date(2027, 3, 1, 2, 3) }),
            f.differenceInBusinessDays(new Date(2025, 0, 1), date), f.getISOWeek(date));
console.log(f.eachWeekOfInterval({ start: date, end: f.addMonths(date, 2) }).map((d) => f.formatISO(d, { representation: "date" })));
console.log(f.isValid(f.parseISO("2024-13-01")), f.formatISO9075(f.lastDayOfQuarter(date)), f.formatRFC7231(date));
let text = "";
for (let i = 0; i < 5000; i++) text = f.format(f.addDays(date, i), "yyyy-MM-dd EEE");
console.log(text, Object.keys(f).length);
