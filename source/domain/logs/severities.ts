/** PostgreSQL's severities and the names of a message's further lines, in the languages of its translations. */
import {levels} from './log-buffer.ts';

export type Severity = {
	/** As written in the line. */
	word: string;
	/** Undefined for a detail: it has the level of its message. */
	level: number | undefined;
	/** Start of the text. */
	end: number;
};

/**
 * Of `src/backend/po` in PostgreSQL 15 to 18, as Debian's packages have them. Languages that are missing here (and words
 * within one) use the English word. Georgian has one word for NOTICE and WARNING.
 */
const words: ReadonlyMap<string, number | undefined> = new Map([
	...namesOf(
		levels.crit,
		'PANIC|PANIK|PANICO|პანიკა|손상|ПАНИКА|ПАНІКА|比致命错误还过分的错误|PANIKA|PÂNICO|KRİTİK|灾难性错误|嚴重錯誤',
	),
	...namesOf(
		levels.err,
		'FATAL|FATALE|ფატალური|치명적오류|ВАЖНО|FATALT|ФАТАЛЬНО|致命错误|KATASTROFALNY|ÖLÜMCÜL (FATAL)|致命錯誤',
	),
	...namesOf(
		levels.err,
		'ERROR|FEHLER|ERREUR|ERRORE|შეცდომა|오류|ОШИБКА|FEL|ПОМИЛКА|错误|BŁĄD|ERRO|HATA|錯誤',
	),
	...namesOf(
		levels.warning,
		'WARNING|WARNUNG|ATTENTION|ATTENZIONE|გაფრთხილება|경고|ПРЕДУПРЕЖДЕНИЕ|VARNING|ПОПЕРЕДЖЕННЯ|警告|PERINGATAN|OSTRZEŻENIE|AVISO|UYARI',
	),
	...namesOf(levels.notice, 'NOTICE|HINWEIS|NOTIFICA|알림|ЗАМЕЧАНИЕ|NOTIS|ПОВІДОМЛЕННЯ|注意|UWAGA|NOTA|NOT'),
	...namesOf(levels.info, 'LOG|ჟურნალი|로그|СООБЩЕНИЕ|LOGG|ЗАПИСУВАННЯ|日志|DZIENNIK|日誌'),
	...namesOf(levels.info, 'INFO|ინფორმაცია|정보|ИНФОРМАЦИЯ|ІНФОРМАЦІЯ|信息|INFORMACJA|BİLGİ|資訊'),
	...namesOf(
		levels.debug,
		'DEBUG|DEBUG1|DEBUG2|DEBUG3|DEBUG4|DEBUG5|გამართვა|디버그|ОТЛАДКА|НАЛАГОДЖЕННЯ|调试|DEPURAÇÃO|除錯',
	),
	...namesOf(
		undefined,
		'DETAIL|DETALLE|DÉTAIL|DETTAGLI|詳細|დეტალები|상세정보|ПОДРОБНОСТИ|DETALJ|ВІДОМОСТІ|详细信息|DETIL|SZCZEGÓŁY|DETALHE|AYRINTI|详情|詳情',
	),
	...namesOf(
		undefined,
		'HINT|TIPP|ASTUCE|SUGGERIMENTO|ヒント|მინიშნება|힌트|ПОДСКАЗКА|TIPS|УКАЗІВКА|提示|PETUNJUK|PODPOWIEDŹ|DICA|İPUCU',
	),
	...namesOf(
		undefined,
		'QUERY|ANFRAGE|CONSULTA|REQUÊTE|問い合わせ|მოთხოვნა|쿼리|ЗАПРОС|FRÅGA|ЗАПИТ|查询|ZAPYTANIE|SORGU|查詢',
	),
	...namesOf(
		undefined,
		'CONTEXT|ZUSAMMENHANG|CONTEXTO|CONTEXTE|CONTESTO|文脈|კონტექსტი|내용|КОНТЕКСТ|KONTEXT|上下文|KONTEKS|KONTEKST|ORTAM',
	),
	...namesOf(
		undefined,
		'LOCATION|ORT|UBICACIÓN|EMPLACEMENT|POSIZIONE|場所|მდებარეობა|위치|ПОЛОЖЕНИЕ|PLATS|РОЗТАШУВАННЯ|位置|LOKASI|POZYCJA|LOCAL|YER',
	),
	...namesOf(undefined, "BACKTRACE|PILE D'APPEL|バックトレース|სტეკი|역추적|СТЕК|ВІДСТЕЖУВАТИ|回溯"),
	...namesOf(
		undefined,
		'STATEMENT|ANWEISUNG|SENTENCIA|INSTRUCTION|ISTRUZIONE|文|ოპერატორი|명령 구문|ОПЕРАТОР|SATS|ІНСТРУКЦІЯ|语句|PERNYATAAN|WYRAŻENIE|COMANDO|KOMUT|陳述式',
	),
]);

function namesOf(level: number | undefined, names: string): [string, number | undefined][] {
	return names.split('|').map(name => [name, level]);
}

/** French and Indonesian have a space before the colon; some details have one space or none after it. */
const oneOf = (level: boolean) =>
	[...words]
		.filter(([, one]) => (one !== undefined) === level)
		.map(([word]) => word.replaceAll(/[()]/g, String.raw`\$&`))
		.join('|');

/** Details whose translation has not two spaces after the colon. */
const narrow = "(?:위치|ПОЛОЖЕНИЕ|YER|PILE D'APPEL ): |(?:AYRINTI|İPUCU|SORGU|ORTAM|쿼리):";

/** Made when a log is read: it takes some ms. */
let patterns: {here: RegExp; anywhere: RegExp} | undefined;

function anyLanguage(): {here: RegExp; anywhere: RegExp} {
	patterns ??= {
		here: new RegExp(`(?:(${oneOf(true)}):  |(${oneOf(false)})(?: ?:  | ?: |:))`, 'y'),
		// Two spaces follow the colon, which is rare in a message. A name must not end in letters of another word.
		anywhere: new RegExp(
			String.raw`(?<![\p{L}_])(?:(${oneOf(true)}):  |(${oneOf(false)}) ?:  |(${narrow}))`,
			'gu',
		),
	};
	return patterns;
}

/** A word of a language that is not in the table. */
const unknownHere = /(\p{L}[\p{L}\p{M}]{1,30}): {2}/uy;

/** English, the usual language, is tried first: it takes a fraction of the time. */
const english =
	'(PANIC|FATAL|ERROR|WARNING|NOTICE|LOG|INFO|DEBUG[1-5]?)|(DETAIL|HINT|QUERY|CONTEXT|LOCATION|BACKTRACE|STATEMENT)';
const englishHere = new RegExp(`(?:${english}):  `, 'y');
const englishAnywhere = new RegExp(String.raw`(?<![\p{L}_])(?:${english}):  `, 'u');

/** The severity that begins here. */
export function severityAt(line: string, at: number): Severity | undefined {
	englishHere.lastIndex = at;
	const match = englishHere.exec(line);
	if (match !== null) {
		return severityOf(match);
	}

	const {here} = anyLanguage();
	here.lastIndex = at;
	return severityOf(here.exec(line));
}

/** A word and a colon with two spaces, as PostgreSQL writes a severity of any language. */
export function unknownSeverityAt(line: string, at: number): Severity | undefined {
	unknownHere.lastIndex = at;
	const match = unknownHere.exec(line);
	return match === null
		? undefined
		: {word: match[1] ?? '', level: levels.info, end: match.index + match[0].length};
}

/** The first severity of a line, with its place; only in the first `limit` characters. */
export function firstSeverity(line: string, limit: number): (Severity & {start: number}) | undefined {
	const begin = line.length > limit ? line.slice(0, limit) : line;
	const usual = englishAnywhere.exec(begin);
	const {anywhere} = anyLanguage();
	anywhere.lastIndex = 0;
	const other = anywhere.exec(usual === null ? begin : begin.slice(0, usual.index));
	const match = other ?? usual;
	const severity = severityOf(match);
	return match === null || severity === undefined ? undefined : {...severity, start: match.index};
}

function severityOf(match: RegExpExecArray | null): Severity | undefined {
	const word = match?.[1] ?? match?.[2] ?? match?.[3]?.replace(/ ?: ?$/, '');
	return match === null || word === undefined
		? undefined
		: {word, level: words.get(word), end: match.index + match[0].length};
}

/** The level of a severity in any language; undefined for the name of a detail, or an unknown word. */
export function levelOfSeverity(word: string): number | undefined {
	return words.get(word);
}
