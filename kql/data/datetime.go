package data

// MaxDateTime is the last tick of the year 9999.
const MaxDateTime = 3155378975999999999

const daysTo1970 = 719162 // from 0001-01-01

// Date is the year, month and day of a DateTime's ticks.
func Date(ticks int64) (year, month, day int) {
	return civil(ticks / TicksPerDay)
}

// civil turns days since 0001-01-01 into a date of the Gregorian calendar. It
// counts years from March, so that the leap day comes last.
func civil(days int64) (year, month, day int) {
	z := days + 306 // since 0000-03-01
	era := z / 146097
	ofEra := z - era*146097
	y := (ofEra - ofEra/1460 + ofEra/36524 - ofEra/146096) / 365
	ofYear := ofEra - (365*y + y/4 - y/100)
	m := (5*ofYear + 2) / 153
	day = int(ofYear-(153*m+2)/5) + 1
	month = int(m) + 3
	year = int(y + era*400)
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

func daysOf(year, month, day int) int64 {
	y, m := int64(year), int64(month)
	if m <= 2 {
		y--
		m += 12
	}
	return 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + int64(day) - 307
}

var monthDays = [...]int{1: 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// DaysInMonth is 28 to 31.
func DaysInMonth(year, month int) int {
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		return 29
	}
	return monthDays[month]
}

// DateTicks is the DateTime at the start of a day; ok is false where there is no such day.
func DateTicks(year, month, day int) (ticks int64, ok bool) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, month) {
		return 0, false
	}
	return daysOf(year, month, day) * TicksPerDay, true
}

// AppendDateTime appends ISO 8601 with seven decimals: 2024-01-02T03:04:05.1234567Z.
func AppendDateTime(dst []byte, ticks int64) []byte {
	ticks = min(max(ticks, 0), MaxDateTime)
	year, month, day := Date(ticks)
	t := uint64(ticks)
	dst = append(appendDigits(dst, uint64(year), 4), '-')
	dst = append(appendDigits(dst, uint64(month), 2), '-')
	dst = append(appendDigits(dst, uint64(day), 2), 'T')
	dst = append(appendDigits(dst, t/TicksPerHour%24, 2), ':')
	dst = append(appendDigits(dst, t/TicksPerMinute%60, 2), ':')
	dst = append(appendDigits(dst, t/TicksPerSecond%60, 2), '.')
	return append(appendDigits(dst, t%TicksPerSecond, 7), 'Z')
}
