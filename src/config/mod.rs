//! What may an operator set? Each room declares its own settings; this nests them.
