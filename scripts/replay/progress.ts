import { Presets, SingleBar } from "cli-progress";

/** Shows on stderr how far a replay is; stdout stays free for its result. */
export interface Progress {
  /** Says what is being done before the rounds begin. */
  note(text: string): void;
  start(totalRounds: number): void;
  update(roundsDone: number): void;
  /** Leaves what has been shown as it is; may be called twice, or without a start. */
  stop(): void;
}

const STEP_PERCENT = 10;

/** A bar on a terminal; elsewhere (a pipe, CI) a line every 10 %. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  return stream.isTTY ? barProgress(stream) : lineProgress(stream);
}

function barProgress(stream: NodeJS.WriteStream): Progress {
  const format =
    "Replaying {bar} {percentage} % | round {value} of {total} | {duration_formatted}, {eta_formatted} to go";
  const bar = new SingleBar({ stream, format, hideCursor: true, etaBuffer: 50 }, Presets.shades_classic);
  return {
    note: (text) => stream.write(`${text}…\n`),
    start: (totalRounds) => {
      bar.start(totalRounds, 0);
    },
    update: (roundsDone) => {
      bar.update(roundsDone);
    },
    stop: () => {
      if (bar.isActive) bar.stop();
    },
  };
}

function lineProgress(stream: NodeJS.WritableStream): Progress {
  let total = 0;
  let shown = 0;
  let startedAt = 0;
  return {
    note: (text) => stream.write(`${text}…\n`),
    start: (totalRounds) => {
      total = totalRounds;
      startedAt = performance.now();
    },
    update: (roundsDone) => {
      const percent = Math.floor((100 * roundsDone) / total / STEP_PERCENT) * STEP_PERCENT;
      if (percent <= shown) return;
      shown = percent;
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
      stream.write(`${percent} %: round ${roundsDone} of ${total}, ${seconds} s\n`);
    },
    stop: () => undefined,
  };
}
