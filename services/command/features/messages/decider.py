"""What may be asked about messages: send, edit, unsend, react, mark as delivered or read, and who may read one."""

from dataclasses import replace

from services.command.deciding import Decider, Result, Rule
from services.command.features.conversations.conversation import needs_own_place
from services.command.features.messages.attaching import ATTACHMENT
from services.command.features.messages.editing import (
    EditMessage,
    UnsendMessage,
    edit_message,
    needs_of_editing,
    unsend_message,
)
from services.command.features.messages.facts import (
    MayReadFile,
    MayReadMessage,
    may_read_file,
    may_read_message,
    needs_of_reading,
    needs_of_reading_file,
)
from services.command.features.messages.marking import MarkDelivered, MarkRead, mark_delivered, mark_read
from services.command.features.messages.numbering import NUMBERING, Numbering
from services.command.features.messages.reacting import (
    REACTION,
    ImportReaction,
    RemoveReaction,
    SetReaction,
    import_reaction,
    needs_of_reacting,
    remove_reaction,
    set_reaction,
)
from services.command.features.messages.sending import (
    ImportMessage,
    SendMessage,
    import_message,
    needs_of_sending,
    send_message,
)
from shared.events.domain_event import Recorded
from shared.events.messages import MessagesDelivered, MessageSent, MessagesRead

__all__ = [
    "MESSAGES",
    "EditMessage",
    "ImportMessage",
    "ImportReaction",
    "MarkDelivered",
    "MarkRead",
    "RemoveReaction",
    "SendMessage",
    "SetReaction",
    "UnsendMessage",
]


def _result(recorded: Recorded) -> Result:
    match recorded.event:
        case MessageSent(seq=seq):
            return {"message_id": recorded.command_id, "seq": seq}
        case MessagesDelivered(seq=seq):
            return {"delivered_seq": seq}
        case MessagesRead(seq=seq):
            return {"read_seq": seq}
        case _:
            return {}


MESSAGES: Decider[Numbering] = replace(
    NUMBERING,
    rules=(
        Rule(SendMessage, send_message, needs_of_sending),
        Rule(ImportMessage, import_message, needs_of_sending),
        Rule(EditMessage, edit_message, needs_of_editing),
        Rule(UnsendMessage, unsend_message, needs_of_editing),
        Rule(SetReaction, set_reaction, needs_of_reacting),
        Rule(RemoveReaction, remove_reaction, needs_of_reacting),
        Rule(ImportReaction, import_reaction, needs_of_reacting),
        Rule(MarkDelivered, mark_delivered, needs_own_place),
        Rule(MarkRead, mark_read, needs_own_place),
        Rule(MayReadMessage, may_read_message, needs_of_reading),
        Rule(MayReadFile, may_read_file, needs_of_reading_file),
    ),
    rows=(*NUMBERING.rows, ATTACHMENT, REACTION),
    result=_result,
)
