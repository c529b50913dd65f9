/** Part of `npm run lint`: exits with 1 if an import is forbidden. */
import path from 'node:path';
import {checkRooms} from './check.ts';

const {problems, modules, imports} = await checkRooms(path.join(import.meta.dirname, '../..'));
for (const problem of problems) {
	console.error(problem);
}

if (problems.length > 0) {
	console.error(`${problems.length} imports are wrong; tools/rooms/rooms.ts says what each room may import`);
	process.exitCode = 1;
} else {
	console.log(`Checked ${imports} imports of ${modules} modules. No cycle, each room imports downwards.`);
}
