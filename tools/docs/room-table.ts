/** Generates the drawing and table of the rooms from tools/rooms/rooms.ts. */
import {beside, type Room, rooms} from '../rooms/rooms.ts';
import {code, table} from './table.ts';

const nameWidth = 12;

/** From top to bottom: a room imports only rooms of lower layers. */
export function layerDrawing(): string {
	const layers = [...new Set(rooms.map(levelOf))].sort((a, b) => b - a);
	const cells = layers.map(level => rooms.filter(room => levelOf(room) === level).map(({name}) => name));
	const most = Math.max(...cells.map(({length}) => length));
	const width = most * (nameWidth + 3) - 1;
	const drawn = cells.map(
		names =>
			`│${names
				.map(name => ` ${name.padEnd(nameWidth)}`)
				.join(' │')
				.padEnd(width)}│`,
	);
	const line = '─'.repeat(width);
	return ['```', `┌${line}┐`, drawn.join(`\n├${line}┤\n`), `└${line}┘`, '```'].join('\n');
}

export function roomTable(): string {
	return table(
		['room', 'path', 'what is in it', 'may import'],
		[
			...rooms.flatMap(({name, paths, what, imports, folders = {}, pure}) => [
				[
					`**${name}**`,
					paths.map(code).join(', '),
					pure ? `${what}; pure` : what,
					imports.length === 0 ? 'nothing' : imports.join(', '),
				],
				...Object.entries(folders).map(([path, part]) => ['', code(path), part, '']),
			]),
			...beside.map(({path, what, imports}) => ['', code(path), what, imports]),
		],
	);
}

/** The longest chain of rooms below it. */
function levelOf(room: Room): number {
	const below = rooms.filter(({name}) => room.imports.includes(name)).map(levelOf);
	return below.length === 0 ? 0 : 1 + Math.max(...below);
}
