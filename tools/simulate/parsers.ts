/** Every parser of input from outside, by what it reads. */
import type {Parser} from './parser.ts';
import {sourceParsers} from './source-parsers.ts';
import {textParsers} from './text-parsers.ts';

export const parsers: Readonly<Record<string, Parser>> = {...sourceParsers, ...textParsers};
