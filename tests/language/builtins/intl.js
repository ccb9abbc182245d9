// Intl and the toLocale methods that rest on it. What depends on the version of
// the locale data is left out.
const log = (...v) => console.log(...v);
const attempt = f => { try { return f(); } catch (e) { return `${e.name}: ${e.message}`; } };
const d = new Date(Date.UTC(2024, 0, 5, 15, 4, 9, 78));

log((1234567.891).toLocaleString('en-US'), (-1234).toLocaleString('de-DE'));
log((1234.5).toLocaleString('en-US', { minimumFractionDigits: 2 }));
log((0.256).toLocaleString('en-US', { style: 'percent' }));
log((1234.5).toLocaleString('en-US', { style: 'currency', currency: 'USD' }));
log((1234.5).toLocaleString('de-DE', { style: 'currency', currency: 'EUR', currencyDisplay: 'code' }));
log((123456).toLocaleString('en-US', { notation: 'compact' }), (123456).toLocaleString('en-US', { notation: 'scientific' }));
log((5).toLocaleString('en-US', { style: 'unit', unit: 'liter', unitDisplay: 'long' }));
log((2.5).toLocaleString('en-US', { maximumFractionDigits: 0, roundingMode: 'halfEven' }));
log((1.23456).toLocaleString('en-US', { maximumSignificantDigits: 3 }), (5).toLocaleString('en-US', { signDisplay: 'always' }));
log(123456789012345678901234567890n.toLocaleString('en-US'));
log((-0).toLocaleString('en-US'), NaN.toLocaleString('en-US'), (1e21).toLocaleString('en-US'));
log((12345).toLocaleString('ar-EG'), (12).toLocaleString('en-US-u-nu-deva'));
log(attempt(() => (1).toLocaleString('x_y')));
log(attempt(() => (1).toLocaleString('en', { style: 'currency' })));
log(attempt(() => (1).toLocaleString('en', { minimumFractionDigits: 5, maximumFractionDigits: 2 })));
log([1234.5, null, [1e6]].toLocaleString('de'), new Float64Array([1234.5, 6]).toLocaleString('de'));

const utc = { timeZone: 'UTC' };
log(d.toLocaleString('en-US', utc), '|', d.toLocaleDateString('de-DE', utc), '|', d.toLocaleTimeString('en-GB', utc));
log(d.toLocaleDateString('en-US', { ...utc, dateStyle: 'full' }), '|', d.toLocaleTimeString('en-US', { ...utc, timeStyle: 'short' }));
log(d.toLocaleDateString('en-US', { ...utc, weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' }));
log(d.toLocaleTimeString('en-US', { ...utc, hour12: false }), d.toLocaleTimeString('de', { ...utc, hour12: true, hour: 'numeric' }));
log(d.toLocaleString('en-US', { timeZone: 'Asia/Tokyo', timeZoneName: 'short' }), d.toLocaleString('en-US', { timeZone: '+05:30', timeStyle: 'long' }));
log(attempt(() => d.toLocaleString('en-US', { timeZone: 'Nope/Zone' })));
log(attempt(() => d.toLocaleString('en-US', { dateStyle: 'full', year: 'numeric' })));
log(attempt(() => d.toLocaleDateString('en-US', { timeStyle: 'full' })));
log(new Date(NaN).toLocaleString('en-US', utc));

const format = new Intl.DateTimeFormat('en-US', { ...utc, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
log(format.format === format.format, format.format(d));
log(format.formatToParts(d).map(p => `${p.type}=${p.value}`).join(' '));
log(JSON.stringify(format.resolvedOptions()));
log(attempt(() => format.format(NaN)));
log(new Intl.DateTimeFormat('en-US', { timeZone: 'america/new_york', hour: 'numeric', fractionalSecondDigits: 3, era: 'short' }).resolvedOptions().timeZone);
log(new Intl.DateTimeFormat('en', { ...utc, month: 'short', day: 'numeric' }).formatRange(d, new Date(+d + 86400000 * 3)));

const money = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'usd' });
log(money.formatToParts(-1234.5).map(p => `${p.type}=${p.value}`).join(' '));
log(JSON.stringify(money.resolvedOptions()));
log(['1', '1e3', '123456789.123456789', true, null].map(new Intl.NumberFormat('en-US').format));
log(new Intl.NumberFormat('en-US').formatRange(3, 5));

log(['a10', 'a2', 'A1', 'b'].sort(new Intl.Collator('en', { numeric: true }).compare));
log('a'.localeCompare('A', 'en', { sensitivity: 'base' }), 'ä'.localeCompare('z', 'sv'), 'ä'.localeCompare('z', 'de'));
log(['z', 'ä', 'a'].sort((x, y) => x.localeCompare(y, 'sv')), 'a2'.localeCompare('a10', 'en-u-kn-true'));
log(JSON.stringify(new Intl.Collator('de-u-co-phonebk', { caseFirst: 'upper' }).resolvedOptions()));
log('iI'.toLocaleUpperCase('tr'), 'İI'.toLocaleLowerCase('tr-TR'), attempt(() => 'a'.toLocaleUpperCase('1')));

const ordinal = new Intl.PluralRules('en-US', { type: 'ordinal' });
log([1, 2, 3, 4, 11, 21].map(n => ordinal.select(n)), new Intl.PluralRules('ar').select(6));
log(JSON.stringify(ordinal.resolvedOptions()), new Intl.PluralRules('en').selectRange(1, 2));

log(Intl.getCanonicalLocales(['EN-us', 'iw', 'zh-hans-cn', 'en-us']), attempt(() => Intl.getCanonicalLocales('en-')));
log(Intl.NumberFormat.supportedLocalesOf(['de-DE', 'xx-XX', 'zh-TW']));
log(Intl.supportedValuesOf('unit').length, attempt(() => Intl.supportedValuesOf('x')));
log(Object.prototype.toString.call(Intl), Object.prototype.toString.call(money), typeof Intl.NumberFormat().format);
log(attempt(() => Intl.PluralRules()), attempt(() => Intl.Collator.prototype.resolvedOptions.call({})));

const words = [...new Intl.Segmenter('en', { granularity: 'word' }).segment('Hi, you!')];
log(words.map(w => `${w.index}${w.segment}${w.isWordLike ? '*' : ''}`).join('|'));
log([...new Intl.Segmenter().segment('e\u0301👨‍👩‍👧x')].length, new Intl.Segmenter().segment('a𐀀').containing(2).index);
log(new Intl.ListFormat('en', { type: 'disjunction' }).format(['a', 'b', 'c']), new Intl.ListFormat('de').formatToParts(new Set(['x', 'y'])).map(p => p.type).join());
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
log(relative.format(-1, 'day'), '|', relative.format(3, 'hours'), '|', relative.formatToParts(-1234.5, 'second').map(p => p.unit ?? p.type).join());
log(attempt(() => relative.format(1, 'decade')), attempt(() => relative.format(Infinity, 'day')));

const locale = new Intl.Locale('zh-hant-tw-u-ca-roc', { numberingSystem: 'latn', hourCycle: 'h12' });
log(String(locale), locale.baseName, locale.language, locale.script, locale.region, locale.calendar, locale.hourCycle, locale.numeric);
log(String(new Intl.Locale('en').maximize()), String(new Intl.Locale('zh-Hant-TW').minimize()), Intl.getCanonicalLocales(locale));
log(new Intl.Locale('ar').getTextInfo(), new Intl.Locale('en-US').getWeekInfo(), new Intl.Locale('de').getCollations());
log(attempt(() => new Intl.Locale('en', { region: 'x' })), attempt(() => new Intl.Locale(5)));
const name = (type, code, options) => new Intl.DisplayNames('en', { type, ...options }).of(code);
log(name('language', 'de-AT'), '|', name('region', 'JP'), '|', name('script', 'Arab'), '|', name('currency', 'EUR'), '|', name('dateTimeField', 'era'));
log(name('region', 'ZX'), name('region', 'ZX', { fallback: 'none' }), attempt(() => name('currency', 'EURO')));

// A range whose ends look the same is one date.
const hour = new Intl.DateTimeFormat('ja', { ...utc, year: 'numeric', hour: '2-digit', hourCycle: 'h12' });
log(hour.formatRange(d, d) === hour.format(d), hour.formatRangeToParts(d, d).map(p => p.source + p.value).join() === hour.formatToParts(d).map(p => 'shared' + p.value).join());
