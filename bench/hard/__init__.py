"""Hard labelled clips, composed: each trap of a real room beside the thing it looks like."""
