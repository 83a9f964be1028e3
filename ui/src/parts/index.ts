export { Blank, FailureBlank } from "./Blank.tsx";
export { Button, IconButton, Kbd } from "./Button.tsx";
export { Dialog } from "./Dialog.tsx";
export { FaultText, Field } from "./Field.tsx";
export { Notice } from "./Notice.tsx";
export { PriorityTag, StateTag, StateWord } from "./StateWord.tsx";
