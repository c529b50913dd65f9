/**
 * What Ink works out again at each frame is kept from the one before: most texts and rows of an idle console are in both. Of what
 * such a console allocated, three quarters were Ink's (Ink 8.0). Frames are the same; `test/build/ink-frames.test.ts` compares them.
 */
import type {Plugin} from 'rolldown';

/** How often a part of Ink's text is replaced, and by what. A text that Ink no longer has ends the build. */
type Change = {from: string; to: string; times?: number};

const keptOfFrames = `
class OfTwoFrames {
	current = new Map();
	before = new Map();
	get(key) {
		let value = this.current.get(key);
		if (value === undefined) {
			value = this.before.get(key);
			if (value !== undefined) this.current.set(key, value);
		}
		return value;
	}
	set(key, value) {
		this.current.set(key, value);
	}
	nextFrame() {
		this.before = this.current;
		this.current = new Map();
	}
}
const kept = new OutputCaches();
function cachesOfFrame() {
	kept.widths.nextFrame();
	kept.blockWidths.nextFrame();
	kept.styledChars.nextFrame();
	kept.lines.nextFrame();
	return kept;
}
const emptyCell = {type: 'char', value: ' ', fullWidth: false, styles: []};
let cellsOfStyles = new Map();
let cellCount = 0;
function sharedCells(characters) {
	let styles;
	let cells;
	for (let i = 0; i < characters.length; i++) {
		const character = characters[i];
		const codes = character.styles;
		if (styles === undefined || codes.length !== styles.length || codes.some((code, j) => code.code !== styles[j].code || code.endCode !== styles[j].endCode)) {
			styles = codes;
			const name = JSON.stringify(codes.map(code => [code.code, code.endCode]));
			cells = cellsOfStyles.get(name);
			if (cells === undefined) cellsOfStyles.set(name, cells = new Map());
		}
		const cell = cells.get(character.value);
		if (cell !== undefined) {
			characters[i] = cell;
			continue;
		}
		cells.set(character.value, character);
		if (++cellCount >= 4096) {
			cellsOfStyles = new Map();
			cellCount = 0;
			styles = undefined;
		}
	}
	return characters;
}
`;

const outputChanges: readonly Change[] = [
	{from: 'caches = new OutputCaches();', to: 'caches = cachesOfFrame();'},
	{from: 'new Map()', to: 'new OfTwoFrames()', times: 3},
	// Characters of the same look are one object; nothing changes them. Else each text that is new brings its own, which live long enough
	// to become old ones: of those an eighth.
	{
		from: 'cached = styledCharsFromTokens(tokenize(line)).filter(',
		to: 'cached = sharedCells(styledCharsFromTokens(tokenize(line))).filter(',
	},
	{
		from: '    getStyledChars(line) {',
		to: `    lines = new OfTwoFrames();
    rows = [];
    getLines(text) {
        let cached = this.lines.get(text);
        if (cached === undefined) {
            const characterLines = [[]];
            for (const character of this.getStyledChars(text)) {
                if (character.value === '\\n') {
                    characterLines.push([]);
                }
                else {
                    characterLines.at(-1).push(character);
                }
            }
            cached = characterLines.map(line => styledCharsToString(line));
            this.lines.set(text, cached);
        }
        return cached;
    }
    // A row of the same cells has the same text.
    getRow(y, cells) {
        const before = this.rows[y];
        if (before !== undefined && before.cells.length === cells.length) {
            let x = 0;
            while (x < cells.length && cells[x] === before.cells[x]) x++;
            if (x === cells.length) return before.text;
        }
        const text = styledCharsToString(cells.filter(item => item !== undefined)).trimEnd();
        this.rows[y] = {cells, text};
        return text;
    }
    getStyledChars(line) {`,
	},
	{
		from: `        const characterLines = [[]];
        for (const character of this.caches.getStyledChars(text)) {
            if (character.value === '\\n') {
                characterLines.push([]);
            }
            else {
                characterLines.at(-1).push(character);
            }
        }
        let lines = characterLines.map(line => styledCharsToString(line));
`,
		to: '        let lines = this.caches.getLines(text);\n',
	},
	{
		from: `row.push({
                    type: 'char',
                    value: ' ',
                    fullWidth: false,
                    styles: [],
                });`,
		to: 'row.push(emptyCell);',
	},
	{
		from: `            .map(line => {
            // See https://github.com/vadimdemedes/ink/pull/564#issuecomment-1637022742
            const lineWithoutEmptyItems = line.filter(item => item !== undefined);
            return styledCharsToString(lineWithoutEmptyItems).trimEnd();
        })
            .join('\\n');
`,
		to: `            .map((line, y) => this.caches.getRow(y, line))
            .join('\\n');
        this.caches.rows.length = output.length;
`,
	},
];

/** By file of Ink's build. */
const changesByFile: Readonly<Record<string, readonly Change[]>> = {
	'output.js': outputChanges,
	'render-node-to-output.js': [
		{from: "import widestLine from 'widest-line';", to: "import measureText from './measure-text.js';"},
		{from: 'widestLine(text)', to: 'measureText(text).width'},
	],
	// Twice 8192 of them took 4 MB after some thousand frames; a screen has less than 200, of which most stay.
	'measure-text.js': [{from: 'maxSize: 4096', to: 'maxSize: 512'}],
	'wrap-text.js': [{from: 'maxSize: 4096', to: 'maxSize: 512'}],
	'squash-text-nodes.js': [
		{
			from: "import sanitizeAnsi from './sanitize-ansi.js';",
			to: `import sanitizeAnsiOnce from './sanitize-ansi.js';
import QuickLRU from 'quick-lru';
const cleaned = new QuickLRU({ maxSize: 512 });
const sanitizeAnsi = (text) => {
    let clean = cleaned.get(text);
    if (clean === undefined) {
        clean = sanitizeAnsiOnce(text);
        cleaned.set(text, clean);
    }
    return clean;
};`,
		},
	],
};

export const changedFiles = Object.keys(changesByFile);

/**
 * @param name of a file of Ink's `build`
 * @throws {Error} if Ink no longer has a text that is replaced
 */
export function keepOfFrames(name: string, code: string): string {
	let changed = code;
	for (const {from, to, times = 1} of changesByFile[name] ?? []) {
		const parts = changed.split(from);
		if (parts.length !== times + 1) {
			throw new Error(`ink's ${name} has ${parts.length - 1} times, not ${times}: ${from}`);
		}

		changed = parts.join(to);
	}

	return name === 'output.js' ? `${changed}${keptOfFrames}` : changed;
}

export function inkFrames(): Plugin {
	return {
		name: 'Ink keeps what it has worked out for a frame for the next one',
		transform: {
			filter: {
				id: new RegExp(`ink/build/(${changedFiles.map(name => name.replaceAll('.', '\\.')).join('|')})$`),
			},
			handler(code, id) {
				return {code: keepOfFrames(id.slice(id.lastIndexOf('/') + 1), code), map: null};
			},
		},
	};
}
