// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IStreamsOracle} from "../interfaces/IStreamsOracle.sol";
import {Fixing, FixingKind, FixingQuery, Observation} from "../types/Fixing.sol";
import {StreamsPrice, StreamsReport} from "../periphery/automation/StreamsReport.sol";

/// @notice Takes the place of an oracle of Data Streams in tests of what calls one: it verifies no signature. Without a
/// constructor, so that its code can be put where a market has its oracle.
contract StreamsOracleStandIn is IStreamsOracle {
    uint256 private constant MAX_AGE = 1 hours;

    bytes32 public streamId;
    address private _link;
    uint256 private _fee;
    uint256 private _latest;
    mapping(uint256 observedAt => StreamsPrice) private _kept;

    error ForeignReport(bytes32 feedId);
    error NoReport(uint256 observedAt, uint256 moment);
    error FeeNotPaid(uint256 paid, uint256 fee);

    /// @notice `fee` is that of one report, in whichever token; `link` is pulled, all else is paid in native.
    function setUp(bytes32 streamId_, address link, uint256 fee) external {
        (streamId, _link, _fee) = (streamId_, link, fee);
    }

    function submit(bytes[] calldata reports, address feeToken) external payable {
        uint256 fee = feeFor(reports, feeToken);
        if (feeToken == _link) IERC20(feeToken).transferFrom(msg.sender, address(this), fee);
        else if (msg.value < fee) revert FeeNotPaid(msg.value, fee);
        for (uint256 i; i < reports.length; ++i) {
            StreamsPrice memory p = StreamsReport.read(reports[i]);
            if (p.feedId != streamId) revert ForeignReport(p.feedId);
            _kept[p.observedAt] = p;
            if (p.observedAt > _latest) _latest = p.observedAt;
        }
    }

    function feeFor(bytes[] calldata reports, address) public view returns (uint256 fee) {
        for (uint256 i; i < reports.length; ++i) {
            if (_kept[StreamsReport.read(reports[i]).observedAt].price == 0) fee += _fee;
        }
    }

    function latest() external view returns (uint256 price, uint256 observedAt) {
        bool fresh;
        (price, observedAt, fresh) = peek();
        if (!fresh) revert NoReport(observedAt, block.timestamp);
    }

    function peek() public view returns (uint256 price, uint256 observedAt, bool fresh) {
        StreamsPrice memory p = _kept[_latest];
        // Tests give positive prices only.
        return (uint256(int256(p.price)), _latest, block.timestamp - _latest <= MAX_AGE);
    }

    function fixing(
        FixingQuery calldata query,
        bytes calldata proof
    ) external view returns (Fixing memory f) {
        StreamsPrice memory p = _kept[abi.decode(proof, (uint32))];
        if (p.validFrom > query.moment + 1 || p.observedAt <= query.moment)
            revert NoReport(p.observedAt, query.moment);
        (f.kind, f.price) = (FixingKind.Observed, uint256(int256(p.price)));
        (f.observationId, f.observedAt) = (p.observedAt, p.observedAt);
        (f.indexPrice, , f.indexIsFresh) = peek();
    }

    function settleable(FixingQuery calldata query) external view returns (bool) {
        return _latest > query.moment;
    }

    function observation(bytes calldata) external pure returns (Observation memory) {
        revert NoReport(0, 0);
    }

    function uncertainty() external pure returns (uint256) {
        return 0.001e18;
    }

    function epoch() external pure returns (uint16) {
        return 1;
    }
}
