/** How a long-running lab command reports what it does. */

export type Progress = (line: string) => void;
