import { Component, type ReactNode } from "react";
import { Blank, Button } from "../parts/index.ts";
import { m } from "../words/index.ts";

interface State {
  readonly failed: boolean;
}

/** Holds a page that fails while drawing, so that bar, alarms and connection go on. */
export class Mishap extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { failed: false };

  static getDerivedStateFromError(): State {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <div role="alert">
        <Blank title={m.error_title()} next={m.error_crash()}>
          <Button primary onClick={() => location.reload()}>
            {m.act_reload()}
          </Button>
        </Blank>
      </div>
    );
  }
}
