// process.env.TZ is the zone of local time from the moment it is set.
const show = () => console.log(new Date(0).toString(), '|', new Date(0).toLocaleString('en-US'), '|', Intl.DateTimeFormat().resolvedOptions().timeZone);
process.env.TZ = 'Asia/Kolkata';
show();
process.env.TZ = 'America/New_York';
show();
console.log(new Date(2024, 2, 10, 2, 30).toString(), new Date(2024, 10, 3, 1, 30).getTimezoneOffset());
process.env.TZ = 'Australia/Lord_Howe';
console.log(new Date(2024, 3, 7, 1, 45).toISOString(), new Date(2024, 9, 6, 2, 15).toISOString());
console.log(Date.parse('Jan 1 2020 10:11:12:345') - Date.parse('Jan 1 2020 10:11:12'));
