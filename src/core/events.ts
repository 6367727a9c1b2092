/** What an upgrade tells while it runs; rendered as text, plain lines or JSON. Field names are stable. */
export type UpgradeEvent =
  | {
      readonly event: 'start';
      readonly database: string;
      readonly server: string;
      readonly from: string | null;
      readonly to: string;
      readonly revisions: number;
    }
  | { readonly event: 'waiting'; readonly reason: string }
  | {
      readonly event: 'revision';
      readonly revision: string;
      readonly title: string;
      readonly release: string;
    }
  | {
      readonly event: 'progress';
      readonly step: string;
      readonly table: string;
      /** Rows of the step in hand, where it can tell. */
      readonly rows: number | null;
      /** Share of the whole upgrade, 0 to 1, by estimated rows. */
      readonly share: number;
    }
  | { readonly event: 'warning'; readonly message: string }
  | {
      readonly event: 'done';
      readonly from: string | null;
      readonly to: string;
      readonly release: string;
      readonly applied: readonly string[];
      readonly created: boolean;
      readonly seconds: number;
    };

export type Listener = (event: UpgradeEvent) => void;
