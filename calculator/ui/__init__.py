"""The parts of the pages: state, components, the frame and the blocks of each page. Only here is Streamlit."""
