/** Reports progress of a long-running lab command. */

export type Progress = (line: string) => void;
